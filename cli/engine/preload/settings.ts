/** What the engine's side passes on in the environment. */
export interface Settings {
  readonly secretText: string;
  readonly secretNumber: number;
  readonly secretDependency: string;
  readonly answerText: string;
  readonly openKey: string;
  readonly unknown: string;
  readonly signatureKey: string;
  readonly outputSignature: string;
  readonly leftEarly: number;
}

export const settings = JSON.parse(process.env.RELAYPROOF_PRELOAD ?? "{}") as Settings;

/** False in threads and processes that the program starts: they are its own business. */
export const isProgram = process.env.RELAYPROOF_PRELOAD !== undefined;
delete process.env.RELAYPROOF_PRELOAD;
