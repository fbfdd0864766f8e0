// node parse.mjs < config.yml: reads it with CircleCI's own parser, which ends with an error where it is wrong. Prints
// what it read: {"jobs": [names], "workflow": [[name, parameters], ...]}.
import { readFileSync } from "node:fs";
import parser from "@circleci/circleci-config-parser";

const config = parser.parseConfig(readFileSync(0, "utf8"));
const [workflow] = config.workflows;
console.log(JSON.stringify({
  jobs: config.jobs.map((job) => job.name),
  workflow: workflow.jobs.map((each) => [each.job?.name ?? each.name, each.parameters ?? {}]),
}));
