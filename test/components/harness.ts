import * as pulumi from "@pulumi/pulumi";

/** A resource as a component registered it, with its inputs resolved. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/**
 * Runs `program` against mocks and returns what it registered, in order. Ids are `<name>-id`, or unknown as in a first preview.
 *
 * It proves which resources and inputs a component asks for, not that AWS accepts them; parents and options are not seen here.
 */
export async function register(
  program: () => void,
  { preview = false }: { preview?: boolean } = {},
): Promise<Registered[]> {
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        resources.push({ type, name, inputs });
        const outputs = { publicIp: "203.0.113.5", allocationId: `${name}-allocation`, arn: `arn:aws:test:::${name}` };
        return preview
          ? { id: undefined as unknown as string, state: inputs }
          : { id: `${name}-id`, state: { ...outputs, ...inputs } };
      },
      call: ({ token }) => calls[token] ?? {},
    },
    "project",
    "stack",
    preview,
  );
  program();
  await pulumi.runtime.disconnect();
  return resources;
}

const calls: Record<string, object> = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": { names: ["eu-central-1a", "eu-central-1b", "eu-central-1c"] },
  "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
  "aws:ec2/getAmi:getAmi": { id: "ami-0123456789abcdef0" },
};

/** The message that `program` fails with, or null. */
export async function refusal(program: () => void): Promise<string | null> {
  try {
    await register(program);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function ofType(resources: readonly Registered[], type: string): Registered[] {
  return resources.filter((resource) => resource.type === type);
}
