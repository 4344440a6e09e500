import type { Reason } from "../model/provenance";
import type { ResourceSnapshot, Urn } from "../model/snapshot";
import type { Unmodelled } from "../verdict/report";
import { azureGap } from "./azure/coverage";
import { push, type Resources } from "./resources";

/** Modules of @pulumi/aws whose resources move packets or run workloads; what is not modelled of them is reported. */
const NETWORKED = new Set(
  (
    "alb apprunner appmesh apprunner appsync autoscaling batch cloudfront cloud9 codebuild connect directconnect directoryservice dms docdb ec2 " +
    "ec2clientvpn ec2transitgateway ecs efs eks elasticache elasticbeanstalk elasticsearch elb emr fsx gamelift globalaccelerator imagebuilder " +
    "kinesisanalyticsv2 lambda lb lightsail memorydb mq msk mwaa neptune networkfirewall networkmanager opensearch rds redshift route53recoverycontrol " +
    "sagemaker servicediscovery storagegateway transfer verifiedaccess vpc vpclattice vpn workspaces"
  ).split(" "),
);

/** Resources of those modules that decide nothing about packets. */
const INERT =
  /^aws:(ec2\/(ami\w*|capacityReservation|dedicatedHost|ebs\w*|encryptionByDefault|fleet\w*Tag|flowLog|image\w*|instanceMetadataDefaults|instanceState|keyPair|placementGroup|snapshot\w*|tag|volumeAttachment|vpcDhcpOptions\w*|eipDomainName|serialConsoleAccess|vpcIpam\w*|networkInsights\w*|trafficMirror\w*|defaultVpcDhcpOptions|availabilityZoneGroup|defaultCreditSpecification|hostedPrivate\w*|internetGatewayAttachment)|(rds|docdb|neptune|elasticache|redshift|memorydb|dms)\/\w*(parameter|option|snapshot|subnet)\w*|lambda\/(permission|alias|layerVersion\w*|eventSourceMapping|provisioned\w*|function\w+)|autoscaling\/(policy|schedule|notification|lifecycleHook|tag)|eks\/(addon|accessEntry|accessPolicyAssociation|identityProviderConfig|podIdentityAssociation)|ecs\/(taskDefinition|capacityProvider|clusterCapacityProviders|cluster|accountSettingDefault|tag)|networkfirewall\/(loggingConfiguration|resourcePolicy)|(lb|alb)\/(trustStore\w*|listenerCertificate)|efs\/(accessPoint|backupPolicy|fileSystemPolicy|fileSystem)|ec2\/vpcEndpoint(Policy|RouteTableAssociation|SubnetAssociation|ConnectionNotification))\b/;

/** Providers whose resources open no path to a machine. */
const QUIET = new Set([
  "pulumi",
  "relayproof",
  "random",
  "tls",
  "command",
  "time",
  "null",
  "local",
  "archive",
  "std",
  "github",
  "gitlab",
  "pulumi-nodejs",
  "synced-folder",
  "docker-build",
]);

/**
 * What the model does not cover, with what that means for the answer. Nothing here is taken as closed: a host that such a
 * resource names is assumed reachable through it; `sources` are types that count as sources in their subnets, and no more.
 */
export function unmodelled(
  resources: Resources,
  modelled: ReadonlySet<string>,
  sources: ReadonlySet<string> = new Set(),
): readonly Unmodelled[] {
  const parents = new Set(resources.all.map((resource) => resource.parent));
  return resources.all.flatMap((resource): Unmodelled[] => {
    const reason = reasonOf(resource, modelled, sources, parents.has(resource.urn));
    return reason === null ? [] : [{ resource: resource.urn, type: resource.type, reason }];
  });
}

/** Machines and interfaces that an unmodelled resource points at: assumed reachable through it. */
export function unmodelledWays(
  resources: Resources,
  gaps: readonly Unmodelled[],
  isMachine: (type: string) => boolean,
): ReadonlyMap<Urn, readonly Reason[]> {
  const found = new Map<Urn, Reason[]>();
  for (const { resource: urn } of gaps) {
    const resource = resources.get(urn);
    if (resource === undefined) continue;
    for (const target of new Set(Object.values(resource.propertyDependencies).flat())) {
      if (!isMachine(resources.get(target)?.type ?? "")) continue;
      push(found, target, {
        text: `${resource.name} (${resource.type}) leads to the host and is not modelled`,
        at: { urn },
      });
    }
  }
  return found;
}

function reasonOf(
  resource: ResourceSnapshot,
  modelled: ReadonlySet<string>,
  sources: ReadonlySet<string>,
  hasChildren: boolean,
): string | null {
  const { type } = resource;
  if (modelled.has(type) || type.startsWith("pulumi:")) return null;
  const [provider = "", module = ""] = type.split(":");
  if (!resource.custom) {
    // What a program constructs itself is registered: one without children is empty.
    return hasChildren || resource.remote !== true
      ? null
      : "a component that another package constructs: its resources are not visible, and nothing inside it is judged";
  }
  if (QUIET.has(provider)) return null;
  if (provider.startsWith("azure-native")) return azureGap(resource);
  if (provider !== "aws") return `resources of provider ${provider} are not modelled: nothing about it is judged`;
  if (sources.has(type)) return "what it runs and who reaches it is not judged: it counts as a source in its subnets";
  const [name = ""] = module.split("/");
  if (!NETWORKED.has(name) || INERT.test(type)) return null;
  return "not modelled yet: hosts that it names are assumed reachable through it, and what it runs is not judged";
}
