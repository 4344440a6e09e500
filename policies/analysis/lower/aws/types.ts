/** Type tokens of @pulumi/aws that the model reads. Each set lists what a reference of that kind may resolve to. */

export const VPC = new Set(["aws:ec2/vpc:Vpc", "aws:ec2/defaultVpc:DefaultVpc"]);
export const SUBNET = new Set(["aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet"]);
export const GROUP = new Set([
  "aws:ec2/securityGroup:SecurityGroup",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
]);
export const INTERFACE = new Set(["aws:ec2/networkInterface:NetworkInterface"]);
/** What stands for one machine. */
export const INSTANCE = new Set(["aws:ec2/instance:Instance", "aws:ec2/spotInstanceRequest:SpotInstanceRequest"]);
export const LAUNCH_TEMPLATE = new Set(["aws:ec2/launchTemplate:LaunchTemplate"]);
export const LAUNCH_CONFIGURATION = new Set(["aws:ec2/launchConfiguration:LaunchConfiguration"]);
export const EIP = new Set(["aws:ec2/eip:Eip"]);
export const TABLE = new Set(["aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable"]);
export const ACL = new Set(["aws:ec2/networkAcl:NetworkAcl", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"]);
export const INTERNET_GATEWAY = new Set(["aws:ec2/internetGateway:InternetGateway"]);
export const EGRESS_GATEWAY = new Set(["aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"]);
export const NAT_GATEWAY = new Set(["aws:ec2/natGateway:NatGateway"]);
export const PREFIX_LIST = new Set(["aws:ec2/managedPrefixList:ManagedPrefixList"]);
export const PEERING = new Set([
  "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
  "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
]);
export const TRANSIT_GATEWAY = new Set(["aws:ec2transitgateway/transitGateway:TransitGateway"]);
export const VPN_GATEWAY = new Set([
  "aws:ec2/vpnGateway:VpnGateway",
  "aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment",
]);
export const ENDPOINT = new Set(["aws:ec2/vpcEndpoint:VpcEndpoint"]);
export const NETWORK_FIREWALL = new Set([
  "aws:networkfirewall/firewall:Firewall",
  "aws:networkfirewall/vpcEndpointAssociation:VpcEndpointAssociation",
]);
export const FIREWALL_POLICY = new Set(["aws:networkfirewall/firewallPolicy:FirewallPolicy"]);
export const FIREWALL_RULE_GROUP = new Set(["aws:networkfirewall/ruleGroup:RuleGroup"]);

/** `aws:lb` and `aws:alb` name the same resources. */
const both = (name: string) => new Set([`aws:lb/${name}`, `aws:alb/${name}`]);
export const BALANCER = both("loadBalancer:LoadBalancer");
export const LISTENER = both("listener:Listener");
export const LISTENER_RULE = both("listenerRule:ListenerRule");
export const TARGET_GROUP = both("targetGroup:TargetGroup");
export const TARGET_ATTACHMENT = both("targetGroupAttachment:TargetGroupAttachment");
export const CLASSIC_BALANCER = new Set(["aws:elb/loadBalancer:LoadBalancer"]);
export const SCALING_GROUP = new Set(["aws:autoscaling/group:Group"]);
export const SCALING_ATTACHMENT = new Set([
  "aws:autoscaling/attachment:Attachment",
  "aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment",
]);

export const SSM_ASSOCIATION = new Set(["aws:ssm/association:Association"]);
export const SSM_DOCUMENT = new Set(["aws:ssm/document:Document"]);

/** Everything that the model reads; the rest of the networked types is reported as unmodelled. */
export const MODELLED: ReadonlySet<string> = new Set([
  ...[
    VPC,
    SUBNET,
    GROUP,
    INTERFACE,
    INSTANCE,
    EIP,
    TABLE,
    ACL,
    INTERNET_GATEWAY,
    EGRESS_GATEWAY,
    NAT_GATEWAY,
    PREFIX_LIST,
  ].flatMap((set) => [...set]),
  ...LAUNCH_TEMPLATE,
  ...LAUNCH_CONFIGURATION,
  ...SSM_ASSOCIATION,
  ...SSM_DOCUMENT,
  ...[
    BALANCER,
    LISTENER,
    LISTENER_RULE,
    TARGET_GROUP,
    TARGET_ATTACHMENT,
    CLASSIC_BALANCER,
    SCALING_GROUP,
    SCALING_ATTACHMENT,
    ENDPOINT,
    NETWORK_FIREWALL,
    FIREWALL_POLICY,
    FIREWALL_RULE_GROUP,
  ].flatMap((set) => [...set]),
  "aws:ec2/proxyProtocolPolicy:ProxyProtocolPolicy",
  "aws:ec2/vpcEndpointService:VpcEndpointService",
  "aws:elb/listenerPolicy:ListenerPolicy",
  "aws:elb/loadBalancerBackendServerPolicy:LoadBalancerBackendServerPolicy",
  "aws:elb/loadBalancerPolicy:LoadBalancerPolicy",
  "aws:globalaccelerator/accelerator:Accelerator",
  "aws:globalaccelerator/customRoutingAccelerator:CustomRoutingAccelerator",
  "aws:globalaccelerator/customRoutingEndpointGroup:CustomRoutingEndpointGroup",
  "aws:globalaccelerator/customRoutingListener:CustomRoutingListener",
  "aws:globalaccelerator/endpointGroup:EndpointGroup",
  "aws:globalaccelerator/listener:Listener",
  "aws:elb/attachment:Attachment",
  "aws:ec2/eipAssociation:EipAssociation",
  "aws:ec2/fleet:Fleet",
  "aws:ec2/spotFleetRequest:SpotFleetRequest",
  "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
  "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
  "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry",
  "aws:ec2/networkAclAssociation:NetworkAclAssociation",
  "aws:ec2/networkAclRule:NetworkAclRule",
  "aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment",
  "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment",
  "aws:ec2/natGatewayEipAssociation:NatGatewayEipAssociation",
  "aws:ec2/route:Route",
  ...PEERING,
  ...TRANSIT_GATEWAY,
  "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions",
  "aws:ec2transitgateway/defaultRouteTableAssociation:DefaultRouteTableAssociation",
  "aws:ec2transitgateway/defaultRouteTablePropagation:DefaultRouteTablePropagation",
  "aws:ec2transitgateway/prefixListReference:PrefixListReference",
  "aws:ec2transitgateway/route:Route",
  "aws:ec2transitgateway/routeTable:RouteTable",
  "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation",
  "aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation",
  "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
  "aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter",
  ...VPN_GATEWAY,
  "aws:ec2/customerGateway:CustomerGateway",
  "aws:ec2/vpnConnection:VpnConnection",
  "aws:ec2/vpnConnectionRoute:VpnConnectionRoute",
  "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",
  "aws:ec2/routeTableAssociation:RouteTableAssociation",
  "aws:ec2/securityGroupRule:SecurityGroupRule",
  "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion",
  "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
  "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
  "aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  "aws:vpc/securityGroupVpcAssociation:SecurityGroupVpcAssociation",
]);
