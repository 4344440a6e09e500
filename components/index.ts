export * as aws from "./aws";
export * as render from "./render";
