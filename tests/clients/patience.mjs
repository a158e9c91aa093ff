// How the TypeScript client takes busy shops, refusals and broken connections; prints what came of each as JSON.

import { createServer } from "node:http";
import { ConnectionFailed, connect, predict, Problem, TimedOut } from "../../clients/typescript/dist/index.js";

const photo = new Blob([new Uint8Array([1, 2, 3])]);
const json = { "Content-Type": "application/json" };
const busy = [503, { "Retry-After": "0" }, { code: "search_unavailable" }];
const later = [429, { "Retry-After": "3600" }, { code: "throttled" }];
const ok = [200, {}, { results: [] }];

// A server that gives these answers, one after the other; null is a connection that breaks, "silent" one that hangs.
async function against(replies, work, options = {}) {
  const asked = [];
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      asked.push(request.method);
      const reply = replies.shift();
      if (reply === "silent") return;
      if (!reply) return request.socket.destroy();
      response.writeHead(reply[0], { ...json, ...reply[1] });
      response.end(JSON.stringify(reply[2]));
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const api = connect(`http://127.0.0.1:${server.address().port}`, options);
  let came = "answered";
  try {
    await work(api);
  } catch (error) {
    came = [Problem, TimedOut, ConnectionFailed].find((kind) => error instanceof kind)?.name ?? String(error);
  }
  server.closeAllConnections();
  server.close();
  return `${came} after ${asked.length}`;
}

const change = (api) => api.PATCH("/api/articles/{id}", { params: { path: { id: 1 } }, body: {} });
const list = (api) => api.GET("/api/articles");
console.log(JSON.stringify({
  busyTwice: await against([busy, busy, ok], (api) => predict(api, photo)),
  alwaysBusy: await against([busy, busy, busy, busy], list),
  muchLater: await against([later, ok], list),
  notRepeatable: await against([busy, ok], change),
  broken: await against([null], list),
  silent: await against(["silent"], list, { timeoutMs: 200 }),
  stopped: await against(["silent"], (api) => api.GET("/api/articles", { signal: AbortSignal.timeout(100) })),
}));
