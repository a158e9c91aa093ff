// Adds an article as staff, and finds it as a partner's app; prints what came of it as JSON.

import { readFile } from "node:fs/promises";
import { connect, feedback, makeLink, predict, Problem } from "../../clients/typescript/dist/index.js";

const [address, token, key, path] = process.argv.slice(2);
const staff = connect(address, { token });
const partner = connect(address, { key, visitor: "installation-17" });
const photo = new Blob([await readFile(path)], { type: "image/png" });

const { data: article } = await staff.POST("/api/articles", {
  params: { header: { "Idempotency-Key": "ts" } },
  body: { sku: "TS-1", name: "Thing", price: { amount: "5.00", currency: "EUR" } },
});
const form = new FormData();
form.set("image", photo, "photo.png");
await staff.POST("/api/articles/{id}/photos", { params: { path: { id: article.id } }, body: {}, bodySerializer: () => form });

let answer = null;
for (let turn = 0; turn < 100 && !answer?.articles.length; turn += 1) {
  answer = await predict(partner, photo, { limit: 1 });
  await new Promise((done) => setTimeout(done, 200));
}
const query = { token: answer.token, price_max: 1 };
const { data: more } = await partner.GET("/api/search", { params: { query } });
const link = await makeLink(partner, answer.token);
await feedback(partner, { token: answer.token, kind: "clicked", article: article.id, rank: 1 });

const refusal = async (work) => {
  try {
    await work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("it was not refused");
};
const refused = await refusal(() => predict(partner, photo, { limit: 1000 }));
const unknown = await refusal(() => connect(address, { key: "none" }).GET("/api/articles"));
await staff.DELETE("/api/articles/{id}", { params: { path: { id: article.id } } });

console.log(JSON.stringify({
  first: answer.articles[0].sku,
  more: more.articles.length,
  link: link.address.startsWith(`${address}/s/`),
  refused: refused.code,
  fields: Object.keys(refused.errors),
  unknown: unknown.code,
}));
