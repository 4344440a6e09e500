import { fileService } from "../file-service";
import type { Service } from "../provider";
import { isSame, type Props } from "../values";

/** Documents of Systems Manager, in files: each content is a version of its own. */
export function documentService(made: (id: string) => Props): Service {
  const files = fileService("document", made);
  return {
    ...files,
    create: (inputs, name) => files.create({ ...inputs, latestVersion: "1", defaultVersion: "1" }, name),
    update: (id, old, news, state) => {
      const version = String(Number(state.latestVersion) + (isSame(old.content, news.content) ? 0 : 1));
      return files.update(id, old, { ...news, latestVersion: version, defaultVersion: version }, state);
    },
  };
}
