// A small typed client of a Vitrine shop's API. What is asked and answered is in schema.ts, which is generated from the
// shop's OpenAPI document; a wrong option or field is an error of the compiler.

import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type { components, paths };
export type SearchAnswer = components["schemas"]["SearchAnswer"];
export type Article = components["schemas"]["Article"];
export type Match = components["schemas"]["Match"];
export type Batch = components["schemas"]["Batch"];

type PredictOptions = Omit<components["schemas"]["PredictUploadRequest"], "image">;
type FeedbackBody = components["schemas"]["FeedbackBodyRequest"];

// Root of all errors of this client.
export class VitrineError extends Error {
  override name = this.constructor.name;
}

// A refusal (RFC 9457). Branch on `code`; `retryAfter` is in seconds.
export class Problem extends VitrineError {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: Record<string, string[]>,
    readonly retryAfter: number | null,
  ) {
    super(`${status} ${code}: ${detail}`);
  }
}

// The shop could not be reached, or the connection broke off. Whether it did what was asked is not known.
export class ConnectionFailed extends VitrineError {}

// The shop did not answer in time.
export class TimedOut extends ConnectionFailed {}

export interface Options {
  // A partner's key, or the token of a member of staff.
  key?: string;
  token?: string;
  // Stays the same for one installation, so that models on trial do not take turns.
  visitor?: string;
  language?: string;
  // A request that takes longer is given up: 30 s.
  timeoutMs?: number;
  // How often a request that may be repeated is sent again after 429 and 503: twice.
  retries?: number;
  // Where Retry-After asks to wait for longer, the refusal is thrown: 30 s.
  longestWaitMs?: number;
}

type Patience = Required<Pick<Options, "timeoutMs" | "retries" | "longestWaitMs">>;

const IDEMPOTENT = new Set(["GET", "HEAD", "PUT", "DELETE"]);
// They change nothing, or count once however often they are sent.
const REPEATABLE = /\/api\/(predict|links|feedback|batches\/[^/]+\/cancel)$/;

function mayBeRepeated(request: Request): boolean {
  return (
    IDEMPOTENT.has(request.method) ||
    request.headers.has("Idempotency-Key") ||
    (request.method === "POST" && REPEATABLE.test(new URL(request.url).pathname))
  );
}

// How long a busy shop asks to wait, in milliseconds; null where it does not.
function waitOf(response: Response): number | null {
  const said = response.headers.get("Retry-After") ?? "";
  return [429, 503].includes(response.status) && /^\d{1,9}$/.test(said) ? Number(said) * 1000 : null;
}

// The whole response, its body included, or an error of this client's own.
async function ask(request: Request, timeoutMs: number): Promise<Response> {
  const limit = new AbortController();
  const stop = (): void => limit.abort();
  const timer = setTimeout(stop, timeoutMs);
  request.signal.addEventListener("abort", stop);
  try {
    const response = await fetch(request, { signal: limit.signal });
    const body = [204, 205, 304].includes(response.status) ? null : await response.arrayBuffer();
    return new Response(body, response);
  } catch (error) {
    if (request.signal.aborted) throw error;
    const what = `${request.method} ${request.url}`;
    if (limit.signal.aborted) throw new TimedOut(`${what} was not answered in time.`, { cause: error });
    throw new ConnectionFailed(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", stop);
  }
}

function patient({ timeoutMs, retries, longestWaitMs }: Patience): (request: Request) => Promise<Response> {
  return async (request) => {
    for (let left = mayBeRepeated(request) ? retries : 0; ; left -= 1) {
      const response = await ask(left > 0 ? request.clone() : request, timeoutMs);
      const wait = waitOf(response);
      if (left <= 0 || wait === null || wait > longestWaitMs) return response;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  };
}

const refusals: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return undefined;
    const said = await response.json().catch(() => ({}));
    const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
    throw new Problem(
      response.status,
      said.code ?? "server_error",
      said.detail ?? response.statusText,
      said.errors ?? {},
      Number.isFinite(wait) ? wait : null,
    );
  },
};

// Every address of the API, typed: `api.GET("/api/articles/{id}", …)`. Refusals are thrown as Problem, and what keeps the
// shop from answering as ConnectionFailed or TimedOut.
export function connect(
  address: string,
  { key, token, visitor, language, timeoutMs = 30_000, retries = 2, longestWaitMs = 30_000 }: Options = {},
): Client<paths> {
  const headers: Record<string, string> = {};
  if (key) headers["Authorization"] = `Api-Key ${key}`;
  else if (token) headers["Authorization"] = `Token ${token}`;
  if (visitor) headers["X-Visitor"] = visitor;
  if (language) headers["Accept-Language"] = language;
  const api = createClient<paths>({ baseUrl: address, headers, fetch: patient({ timeoutMs, retries, longestWaitMs }) });
  api.use(refusals);
  return api;
}

function formOf(photo: Blob, options: Record<string, unknown>): FormData {
  const form = new FormData();
  form.set("image", photo, "photo");
  for (const [name, value] of Object.entries(options)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) form.append(name, String(one));
    }
  }
  return form;
}

// What a photo shows, and which articles look like it.
export async function predict(
  api: Client<paths>, photo: Blob, options: Partial<PredictOptions> = {},
): Promise<SearchAnswer> {
  const { data } = await api.POST("/api/predict", {
    // The types speak of JSON; the form is what is sent.
    body: {} as never,
    bodySerializer: () => formOf(photo, options),
  });
  return data as SearchAnswer;
}

// A short address of a search, to share. The shop keeps the token for 30 days, and never the photo.
export async function makeLink(api: Client<paths>, token: string): Promise<components["schemas"]["Link"]> {
  const { data } = await api.POST("/api/links", { body: { token } });
  return data as components["schemas"]["Link"];
}

// What a shopper did with the results of a search.
export async function feedback(api: Client<paths>, told: FeedbackBody): Promise<void> {
  await api.POST("/api/feedback", { body: told });
}
