import { bridged } from "./bridge";
import { fileService } from "./file-service";
import type { Provider } from "./provider";

/** A provider of any type, with no output but the inputs. */
export function genericProvider(): Provider {
  return {
    kind: () =>
      bridged({
        outputs: [],
        computed: [],
        defaults: {},
        replaces: () => [],
        service: fileService("thing", () => ({})),
      }),
    configure: () => {},
    invoke: async (_, args) => args,
  };
}
