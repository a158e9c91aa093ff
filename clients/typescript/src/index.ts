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

// A refusal (RFC 9457). Branch on `code`; `retryAfter` is in seconds.
export class Problem extends Error {
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

export interface Options {
  // A partner's key, or the token of a member of staff.
  key?: string;
  token?: string;
  // Stays the same for one installation, so that models on trial do not take turns.
  visitor?: string;
  language?: string;
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

// Every address of the API, typed: `api.GET("/api/articles/{id}", …)`. Refusals are thrown as Problem.
export function connect(address: string, { key, token, visitor, language }: Options = {}): Client<paths> {
  const headers: Record<string, string> = {};
  if (key) headers["Authorization"] = `Api-Key ${key}`;
  else if (token) headers["Authorization"] = `Token ${token}`;
  if (visitor) headers["X-Visitor"] = visitor;
  if (language) headers["Accept-Language"] = language;
  const api = createClient<paths>({ baseUrl: address, headers });
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
