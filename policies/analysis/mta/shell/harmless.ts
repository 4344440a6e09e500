/** Commands that change nothing about Postfix, whatever their arguments are, as long as these name none of its files. */
export const harmless = new Set(
  `: true false [ [[ test echo printf cat head tail cut sort uniq wc tr date sleep hostname hostnamectl timedatectl localectl
  uname id whoami which type command getent grep egrep fgrep ls stat file df du free ps pgrep pidof kill pkill killall wait
  basename dirname realpath readlink seq expr mkdir rmdir mktemp touch chown chgrp chmod setfacl ln useradd usermod groupadd
  addgroup adduser passwd chpasswd gpasswd visudo loginctl ufw iptables ip6tables iptables-save iptables-restore nft firewall-cmd
  ip ifconfig route ss netstat ping dig host nslookup nc openssl certbot letsencrypt lego update-ca-certificates ssh-keygen
  sysctl modprobe udevadm mount umount mountpoint swapon swapoff mkswap mkfs mkfs.ext4 mkfs.xfs resize2fs xfs_growfs growpart
  blkid lsblk parted sgdisk fallocate locale-gen update-locale add-apt-repository apt-key gpg apt-mark apt-cache dpkg-query
  logger mail mailx mailq postqueue postcat postlog postsuper newaliases unattended-upgrade unattended-upgrades needrestart
  fold nl tac rev paste comm getconf nproc arch envsubst tput clear sync flock mkfifo systemd-tmpfiles systemd-analyze journalctl cloud-init ec2-metadata jq base64 md5sum sha256sum sha512sum nginx
  a2enmod a2ensite a2dissite a2enconf amazon-linux-extras
  set umask export readonly local declare shopt ulimit unset shift trap alias cd pushd popd read wait return break continue
  reboot shutdown poweroff halt`.split(/\s+/),
);

/** Commands whose status answers a question. */
export const questions = new Set(
  "cmp diff getent pgrep pidof nc ping dig host nslookup mountpoint lsblk blkid kill pkill killall systemd-detect-virt".split(
    " ",
  ),
);

/** Harmless with the files of Postfix as arguments, too. */
export const readers = new Set(
  `head tail cut sort wc ls stat file cmp diff chown chgrp chmod setfacl mail mailq postqueue postcat postlog
  postsuper newaliases logger md5sum sha256sum id usermod gpasswd adduser useradd getent pgrep kill pkill killall tr uniq
  journalctl certbot lego openssl apt-mark dpkg-query ufw firewall-cmd mkfs mkfs.ext4 mkfs.xfs jq realpath readlink`.split(
    /\s+/,
  ),
);

/** `systemctl VERB`: starting and stopping decides nothing here, because a listener is assumed to run. */
export const serviceVerbs = new Set(
  "start stop restart reload try-restart reload-or-restart force-reload enable disable is-active is-enabled status daemon-reload daemon-reexec mask unmask show list-units reset-failed set-default condrestart".split(
    " ",
  ),
);
