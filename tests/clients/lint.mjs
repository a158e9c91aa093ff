// Lints an OpenAPI document by redocly's recommended rules and some more; prints the problems as JSON.

import { createConfig, lint } from "../../clients/typescript/node_modules/@redocly/openapi-core/lib/index.js";

const config = await createConfig({
  extends: ["recommended"],
  rules: {
    "no-unused-components": "error",
    "operation-description": "off",
    "operation-singular-tag": "error",
    "operation-tag-defined": "error",
    "tag-description": "error",
    "no-invalid-schema-examples": "error",
    "no-invalid-media-type-examples": "error",
    "component-name-unique": "error",
  },
});
const problems = await lint({ ref: process.argv[2], config });
console.log(JSON.stringify(problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer} ${message}`)));
