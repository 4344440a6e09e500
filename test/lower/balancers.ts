import type { Inputs, Resource, Stack } from "./stack";

/** The resources of an ELB in front of targets, as tests write them. */
export const ELB = {
  balancer: "aws:lb/loadBalancer:LoadBalancer",
  listener: "aws:lb/listener:Listener",
  rule: "aws:lb/listenerRule:ListenerRule",
  targets: "aws:lb/targetGroup:TargetGroup",
  target: "aws:lb/targetGroupAttachment:TargetGroupAttachment",
  classic: "aws:elb/loadBalancer:LoadBalancer",
} as const;

/** A target group with one target behind a listener of a load balancer. */
export function forward(
  stack: Stack,
  balancer: Resource,
  targetId: Resource | string,
  change: { listener?: Inputs; targets?: Inputs; target?: Inputs } = {},
): { targets: Resource; listener: Resource } {
  const targets = stack.addType(ELB.targets, { port: 25, protocol: "TCP", ...change.targets });
  const defaultActions = [{ type: "forward", targetGroupArn: targets }];
  const listener = stack.addType(ELB.listener, {
    loadBalancerArn: balancer,
    port: 25,
    protocol: "TCP",
    defaultActions,
    ...change.listener,
  });
  stack.addType(ELB.target, { targetGroupArn: targets, targetId, ...change.target });
  return { targets, listener };
}
