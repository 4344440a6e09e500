import * as pulumi from "@pulumi/pulumi";

/** A resource as a component registered it, with its inputs resolved. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Name of the parent, or null at the top. */
  readonly parent: string | null;
  readonly deleteBeforeReplace: boolean;
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  /** Names of the resources that it waits for. */
  readonly after: readonly string[];
}

/** The part of the mock monitor's request that is read here. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDeletebeforereplace(): boolean;
  getProtect(): boolean;
  getIgnorechangesList(): string[];
  getReplaceonchangesList(): string[];
  getDependenciesList(): string[];
}
interface Monitor {
  registerResource(request: Request, callback: unknown): Promise<unknown>;
}

/**
 * Runs `program` against mocks and returns what it registered, by name. Ids are `<name>-id`, or unknown as in a first preview.
 *
 * It proves which resources and inputs a component asks for, not that AWS accepts them.
 */
export async function register(program: () => void, { preview = false } = {}): Promise<Registered[]> {
  const inputs = new Map<string, Record<string, unknown>>();
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (resource) => {
        inputs.set(`${resource.type} ${resource.name}`, resource.inputs);
        if (preview) return { id: undefined, state: resource.inputs };
        return {
          id: `${resource.name}-id`,
          state: { ...outputs(resource.type, resource.name), ...firewallStatuses(resource.inputs), ...resource.inputs },
        };
      },
      call: ({ token }) => answers[token] ?? {},
    },
    "project",
    "stack",
    preview,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const inner = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request, callback) => {
    const result = await inner(request, callback);
    const [type, name] = [request.getType(), request.getName()];
    resources.push({
      type,
      name,
      inputs: inputs.get(`${type} ${name}`) ?? {},
      parent: request.getParent() === "" ? null : (request.getParent().split("::").at(-1) ?? null),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      protect: request.getProtect(),
      ignoreChanges: request.getIgnorechangesList(),
      replaceOnChanges: request.getReplaceonchangesList(),
      after: [...new Set(request.getDependenciesList().flatMap((urn) => urn.split("::").at(-1) ?? []))].sort(),
    });
    return result;
  };
  program();
  await pulumi.runtime.disconnect();
  return resources.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function outputs(type: string, name: string): Record<string, unknown> {
  return {
    publicIp: "203.0.113.5",
    allocationId: `${name}-allocation`,
    arn: `arn:aws:test:::${name}`,
    name: type.startsWith("azure-native:") ? `${name}-name` : `name of ${name}`,
    location: "westeurope",
  };
}

/** A firewall has an endpoint in each of its subnets, in no particular order. */
function firewallStatuses({ subnetMappings }: { subnetMappings?: { subnetId: string }[] }): Record<string, unknown> {
  if (subnetMappings === undefined) return {};
  const syncStates = subnetMappings.map(({ subnetId }) => ({
    attachments: [{ subnetId, endpointId: `vpce-in-${subnetId}` }],
  }));
  return { firewallStatuses: [{ syncStates: syncStates.reverse() }] };
}

const answers: Record<string, Record<string, unknown>> = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": { names: ["eu-central-1a", "eu-central-1b", "eu-central-1c"] },
  "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
  "aws:ec2/getAmi:getAmi": { id: "ami-0123456789abcdef0" },
};

/** The message that `program` fails with at once, or null. */
export async function refusal(program: () => void): Promise<string | null> {
  let message: string | null = null;
  await register(() => {
    try {
      program();
    } catch (error) {
      if (!pulumi.RunError.isInstance(error)) throw error;
      message = error.message;
    }
  });
  return message;
}

/** The messages that `program` fails with once its outputs are known: rejections that nobody handles, which Pulumi prints. */
export async function lateRefusals(program: () => unknown): Promise<Set<string>> {
  const messages = new Set<string>();
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => messages.add(error instanceof Error ? error.message : String(error)));
  try {
    program();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of others) process.on("unhandledRejection", listener);
  }
  return messages;
}

export function ofType(resources: readonly Registered[], ...types: string[]): Registered[] {
  return resources.filter((resource) => types.includes(resource.type));
}

export const types = {
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  egress: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  group: "aws:ec2/securityGroup:SecurityGroup",
  prefixList: "aws:ec2/managedPrefixList:ManagedPrefixList",
  aclRule: "aws:ec2/networkAclRule:NetworkAclRule",
  instance: "aws:ec2/instance:Instance",
  card: "aws:ec2/networkInterface:NetworkInterface",
  address: "aws:ec2/eip:Eip",
  document: "aws:ssm/document:Document",
  delivery: "aws:ssm/association:Association",
  volume: "aws:ebs/volume:Volume",
  attachment: "aws:ec2/volumeAttachment:VolumeAttachment",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  bucket: "aws:s3/bucket:Bucket",
  association: "aws:ec2/eipAssociation:EipAssociation",
  route: "aws:ec2/route:Route",
  firewall: "aws:networkfirewall/firewall:Firewall",
  firewallPolicy: "aws:networkfirewall/firewallPolicy:FirewallPolicy",
  firewallRules: "aws:networkfirewall/ruleGroup:RuleGroup",
} as const;
