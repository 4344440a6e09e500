/**
 * The modules of Azure's SDK, each loaded when a component first makes a resource of it: a program without Azure never loads the SDK,
 * and need not have it. The package as a whole would load everything.
 */
export const sdk = {
  get compute(): typeof import("@pulumi/azure-native/compute") {
    return require("@pulumi/azure-native/compute");
  },
  get managedidentity(): typeof import("@pulumi/azure-native/managedidentity") {
    return require("@pulumi/azure-native/managedidentity");
  },
  get network(): typeof import("@pulumi/azure-native/network") {
    return require("@pulumi/azure-native/network");
  },
  get resources(): typeof import("@pulumi/azure-native/resources") {
    return require("@pulumi/azure-native/resources");
  },
  get storage(): typeof import("@pulumi/azure-native/storage") {
    return require("@pulumi/azure-native/storage");
  },
};
