/** The path of each tool, or null where there is none. */
export interface Tools {
  readonly pulumi: string | null;
  /** A Python that has moto. */
  readonly moto: string | null;
}
export function findTools(): Tools;
/** Builds and installs what is missing. Takes minutes the first time. */
export function prepareTools(): Tools;
/** The first executable of a name on PATH, or null. */
export function onPath(name: string): string | null;
