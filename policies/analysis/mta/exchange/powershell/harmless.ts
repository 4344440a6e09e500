/** Programs that come with Windows or Exchange and change nothing about connectors, whatever their arguments are. */
const programs = new Set(
  `setup msiexec reg netsh net net1 sc dism certutil shutdown w32tm powercfg wusa icacls takeown attrib bcdedit wevtutil nltest
  ipconfig ping netdom tzutil wmic winrm slmgr iisreset gpupdate gpresult xcopy robocopy expand tar curl bitsadmin whoami
  diskpart format label route arp nslookup tracert pathping auditpol secedit pnputil sfc chkdsk fsutil subinacl setspn dsquery
  dsadd dcdiag repadmin ntdsutil klist eventcreate logman typeperf servermanagercmd ocsetup lodctr appcmd aspnet_regiis
  mkdir md rmdir rd dir del erase copy move ren cd chdir cls set exit rem timeout taskkill tasklist cfn-signal choco
  ucmaredist vcredist_x64 ndp48-x86-x64-allos-enu amazon-cloudwatch-agent-ctl.ps1`.split(/\s+/),
);

/** Verbs that read, show or wait. */
const verbs = new Set(
  `get test write out format measure sort select group compare convertto convertfrom join split resolve wait find search show
  read where limit trace debug push pop enter export save checkpoint backup mount dismount`.split(/\s+/),
);

/** What commands of Windows act on. */
const windows =
  /^(?:windows\w*|service|item\w*|content|location|scheduledtask\w*|schedule\w*|net\w+|dns\w*|timezone|computer|disk\w*|partition|volume|local\w+|executionpolicy|pssnapin|module|psrepository|packagesource|packageprovider|package|pssession\w*|smb\w+|event\w*|win\w+|certificate|pfxcertificate|selfsignedcertificate|webrequest|restmethod|transcript|psdrive|strictmode|date|random|object|member|host|null|progress|type|culture|mp\w+|iis\w*|web\w+|ad(?:user|group\w*|computer|organizationalunit|domain\w*|forest\w*|replication\w*|object|account\w*)|dsc\w*|bitlocker\w*|storage\w*|physicaldisk|vhd|wmi\w*|cim\w*|ipaddress|clienttsocket|acl|archive|zip\w*|bits\w+|tls\w*|s3\w*|ec2\w*|ssm\w*|cfn\w*|sec\w*|cw\w*|aws\w*|az\w+|sleep|process|job|clipboard|printer\w*|consoleline|errorlog|guid|string|csv|json|xml|html|path|variable|help|command|history|addsforest|addsdomaincontroller|wsus\w*|hotfix|nic\w*|firewall\w*|power\w*|pagefile\w*)$/;

/** What commands of Exchange act on that decides nothing about who may relay. */
const exchange =
  /^(?:\w*virtualdirectory|outlookanywhere|outlookprovider|clientaccess\w*|rpcclientaccess|mapi\w*|mailboxdatabase\w*|databaseavailability\w*|mailboxserver|mailbox\w*|exchange(?:certificate|server|diagnosticinfo|settings|assistanceconfig|search)?|remotemailbox|mailuser|mailcontact|mailpublicfolder|publicfolder\w*|user|contact|casmailbox\w*|recipient\w*|distributiongroup\w*|dynamicdistributiongroup|unifiedgroup|emailaddresspolicy|addresslist|globaladdresslist|offlineaddressbook|addressbookpolicy|transport(?:config|rule\w*|server|service|agent|pipeline)|frontendtransportserv\w*|frontendtransportservice|mailboxtransportservice|contentfilter\w*|senderfilter\w*|senderid\w*|senderreputation\w*|recipientfilter\w*|antispam\w*|malware\w*|ipblock\w*|ipallow\w*|remotedomain|edge\w*|imapsettings|popsettings|organizationconfig|organization\w*|authconfig|authserver|authenticationpolicy|federat\w+|hybridconfiguration|intraorganization\w*|managementrole\w*|managementscope|rolegroup\w*|roleassignmentpolicy|retention\w*|journal\w*|dlp\w*|message|messagetracking\w*|queue|serverc\w+|servermonitoring\w*|settingoverride|throttling\w*|um\w+|activesync\w*|mobiledevice\w*|owamailboxpolicy|sharing\w*|availability\w*|migration\w*|moverequest|partnerapplication|serviceprincipal|adserversettings|adsite|adsitelink|irm\w*|auditlog\w*|adminauditlog\w*|customattribute|foreignconnector|deliveryagentconnector|x400\w*|edgesync\w*|edgesubscription|smimeconfig|mailflow\w*|outboundconnector|eventloglevel|emailaddress\w*)$/;

/** Commands beside `Verb-Noun` that do nothing here. */
const others = new Set(
  "clear-host cls cd sl set-location pushd popd mkdir md del erase copy cp move mv ren ri rm rd rmdir ni sleep ls dir gci gi gp sp ps gps kill spps gsv sasv spsv pwd ft fl fw iwr irm wget curl pause measure oh clear gwmi gcim gm gcm gal gv diff compare sp rp mi ci cpi measure exit".split(
    " ",
  ),
);

/** Whether a command that is not followed can be taken to leave connectors alone. */
export function isHarmless(name: string): boolean {
  if (others.has(name)) return true;
  const match = /^([a-z]+)-([\w.]+)$/.exec(name);
  if (match === null) return programs.has(name.replace(/\.(?:exe|com|msi)$/, ""));
  const [, verb = "", noun = ""] = match;
  if (noun === "adpermission" || /connector$/.test(noun)) return verb === "get" || verb === "test";
  if (verbs.has(verb)) return true;
  if (["invoke", "start"].includes(verb))
    return /^(?:webrequest|restmethod|sleep|service|bitstransfer|transcript|dscconfiguration|cimmethod|wmimethod|gpupdate|scheduledtask|edgesynchronization|awsinitialization\w*|website|webapppool|item)$/.test(
      noun,
    );
  return windows.test(noun) || exchange.test(noun);
}
