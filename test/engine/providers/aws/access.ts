import * as iam from "@aws-sdk/client-iam";
import type { Service } from "../provider";
import { isSame, type Props } from "../values";
import { type Cloud, found, number, object, present, tagList, tagProps, text } from "./cloud";

/** Roles and their inline policies. */
export function accessServices(it: Cloud): Record<string, Service> {
  return { "aws:iam/role:Role": roles(it), "aws:iam/rolePolicy:RolePolicy": rolePolicies(it) };
}

/** The program's document as long as the cloud has an equal one: it comes back without spaces, and escaped. */
function document(said: string | undefined, actual: string | undefined): string | undefined {
  const decoded = decodeURIComponent(actual ?? "");
  const parse = (json: string | undefined) => {
    try {
      return JSON.parse(json ?? "");
    } catch {
      return json;
    }
  };
  return isSame(parse(said), parse(decoded)) ? said : decoded;
}

function roles({ iam: client }: Cloud): Service {
  return {
    create: async (inputs) => {
      const RoleName = text(inputs, "name") ?? "";
      await client().send(
        new iam.CreateRoleCommand({
          RoleName,
          AssumeRolePolicyDocument: text(inputs, "assumeRolePolicy") ?? "",
          Description: text(inputs, "description"),
          MaxSessionDuration: number(inputs, "maxSessionDuration"),
          Path: text(inputs, "path"),
          Tags: tagList(object(inputs, "tags")),
        }),
      );
      return RoleName;
    },
    read: async (id, before) => {
      const role = (await found(client().send(new iam.GetRoleCommand({ RoleName: id }))))?.Role;
      if (role === undefined) return null;
      return {
        ...tagProps(role.Tags),
        ...present({
          arn: role.Arn,
          name: role.RoleName,
          path: role.Path,
          assumeRolePolicy: document(text(before, "assumeRolePolicy"), role.AssumeRolePolicyDocument),
          maxSessionDuration: role.MaxSessionDuration,
          createDate: role.CreateDate?.toISOString(),
          uniqueId: role.RoleId,
        }),
        description: role.Description ?? "",
        managedPolicyArns: [],
        inlinePolicies: [],
        namePrefix: "",
        permissionsBoundary: "",
      };
    },
    update: async (id, old, news) => {
      const PolicyDocument = text(news, "assumeRolePolicy") ?? "";
      if (!isSame(old.assumeRolePolicy, news.assumeRolePolicy))
        await client().send(new iam.UpdateAssumeRolePolicyCommand({ RoleName: id, PolicyDocument }));
      const [before, after] = [object(old, "tags"), object(news, "tags")];
      const TagKeys = Object.keys(before).filter((key) => !(key in after));
      if (TagKeys.length > 0) await client().send(new iam.UntagRoleCommand({ RoleName: id, TagKeys }));
      if (Object.keys(after).length > 0)
        await client().send(new iam.TagRoleCommand({ RoleName: id, Tags: tagList(after) }));
    },
    delete: async (id) => void (await found(client().send(new iam.DeleteRoleCommand({ RoleName: id })))),
  };
}

/** Known as `role:name`. */
function rolePolicies({ iam: client }: Cloud): Service {
  const put = (props: Props) =>
    client().send(
      new iam.PutRolePolicyCommand({
        RoleName: text(props, "role"),
        PolicyName: text(props, "name"),
        PolicyDocument: text(props, "policy"),
      }),
    );
  const named = (id: string) => ({ RoleName: id.split(":")[0], PolicyName: id.split(":")[1] });
  return {
    create: async (inputs) => {
      await put(inputs);
      return `${text(inputs, "role")}:${text(inputs, "name")}`;
    },
    read: async (id, before) => {
      const answer = await found(client().send(new iam.GetRolePolicyCommand(named(id))));
      if (answer === null) return null;
      const policy = document(text(before, "policy"), answer.PolicyDocument);
      return { ...present({ role: answer.RoleName, name: answer.PolicyName, policy }), namePrefix: "" };
    },
    update: async (_id, _old, news) => void (await put(news)),
    delete: async (id) => void (await found(client().send(new iam.DeleteRolePolicyCommand(named(id))))),
  };
}
