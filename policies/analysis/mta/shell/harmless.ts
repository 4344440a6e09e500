/** Commands that change nothing about Postfix, whatever their arguments are, as long as these name none of its files. */
export const harmless = new Set(
  `: true false [ [[ test echo printf cat head tail cut sort uniq wc tr date sleep hostname hostnamectl timedatectl localectl
  uname id whoami which type command getent grep egrep fgrep ls stat file df du free ps pgrep pidof kill pkill killall wait
  basename dirname realpath readlink seq expr mkdir rmdir mktemp touch chown chgrp chmod setfacl ln useradd usermod groupadd
  addgroup adduser passwd chpasswd gpasswd visudo loginctl ufw iptables ip6tables iptables-save iptables-restore nft firewall-cmd
  ip ifconfig route ss netstat ping dig host nslookup nc openssl certbot letsencrypt update-ca-certificates ssh-keygen
  sysctl modprobe udevadm mount umount mountpoint swapon swapoff mkswap mkfs mkfs.ext4 mkfs.xfs resize2fs xfs_growfs growpart
  blkid lsblk parted sgdisk fallocate locale-gen update-locale add-apt-repository apt-key gpg apt-mark apt-cache dpkg-query
  logger mail mailx mailq postqueue postcat postlog postsuper newaliases unattended-upgrade unattended-upgrades needrestart
  systemd-tmpfiles systemd-analyze journalctl cloud-init ec2-metadata jq base64 md5sum sha256sum sha512sum nginx
  a2enmod a2ensite a2dissite a2enconf amazon-linux-extras
  set umask export readonly local declare shopt ulimit unset shift trap alias cd pushd popd read wait return break continue
  reboot shutdown poweroff halt`.split(/\s+/),
);

/** Commands that write files: harmless as long as the files are others. */
export const fileWriters = new Set(
  "cp mv rm install tee sed dd tar unzip gunzip gzip curl wget aws gsutil az rsync git truncate".split(" "),
);

/** Commands that run the rest of their words. */
export const prefixes = new Set("sudo env nohup nice ionice time exec command builtin stdbuf eatmydata".split(" "));

/** `systemctl VERB`: starting and stopping decides nothing here, because a listener is assumed to run. */
export const serviceVerbs = new Set(
  "start stop restart reload try-restart reload-or-restart force-reload enable disable is-active is-enabled status daemon-reload daemon-reexec mask unmask show list-units reset-failed set-default condrestart".split(
    " ",
  ),
);
