// node check.mjs < MANIFESTS: a JSON array of Kubernetes' objects. Prints a JSON array, for each object the list of what is
// wrong with it by the types of @kubernetes/client-node: fields that it does not know and values of another type by the
// tables that the client reads answers with, fields that are required and missing by its TypeScript types.
import { readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";
import * as models from "./node_modules/@kubernetes/client-node/dist/gen/models/all.js";

const PRIMITIVES = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  Date: (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)),
  IntOrString: (value) => typeof value === "string" || Number.isInteger(value),
  any: () => true,
};
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// The value as the TypeScript type wants it: some fields have other names there (`from` is `_from`).
function walk(value, type, path, problems) {
  const list = /^Array<(.*)>$/.exec(type);
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (list || map || models[type]) {
    if (list ? !Array.isArray(value) : !isObject(value)) {
      problems.push(`${path} is no ${type}`);
      return value;
    }
    if (list) return value.map((each, at) => walk(each, list[1], `${path}[${at}]`, problems));
    const fields = map ? null : new Map(models[type].getAttributeTypeMap().map((field) => [field.baseName, field]));
    return Object.fromEntries(Object.entries(value).map(([name, each]) => {
      const field = map ? { name, type: map[1] } : fields.get(name);
      if (!field) problems.push(`${path}.${name} is unknown to ${type}`);
      return field ? [field.name, walk(each, field.type, `${path}.${name}`, problems)] : [name, each];
    }));
  }
  const takes = PRIMITIVES[type];
  if (!takes) throw new Error(`the type ${type} of ${path} is unknown to this program`);
  if (!takes(value)) problems.push(`${path} is no ${type}`);
  return value;
}

const objects = JSON.parse(readFileSync(0, "utf8"));
const found = objects.map(() => []);
const lines = [];
const numbers = []; // of the object that a line is of
objects.forEach((object, number) => {
  const version = String(object.apiVersion).split("/").pop();
  const type = version[0].toUpperCase() + version.slice(1) + object.kind;
  if (!models[type]) {
    found[number].push(`${object.apiVersion} ${object.kind} is no type of Kubernetes`);
    return;
  }
  const typed = walk(object, type, object.kind, found[number]);
  const file = `./node_modules/@kubernetes/client-node/dist/gen/models/${type}.js`;
  lines.push(`export const object${number}: import("${file}").${type} = ${JSON.stringify(typed)};`);
  numbers.push(number);
});

writeFileSync("manifests.ts", lines.join("\n"));
const program = ts.createProgram(["manifests.ts"], {
  strict: true, noEmit: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
});
for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
  const at = diagnostic.file ? diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start).line : 0;
  found[numbers[at] ?? 0].push(ts.flattenDiagnosticMessageText(diagnostic.messageText, " "));
}
console.log(JSON.stringify(found));
