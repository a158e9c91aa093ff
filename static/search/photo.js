// A shopper's photo: read, turned upright and made small in the browser, and sent.

const LONGEST_SIDE = 1024;
const PREVIEW_SIDE = 480;
const QUALITY = 0.9;

export const WHOLE = [0, 0, 1, 1];

// A frame [left, top, width, height], in fractions of the photo, after quarter turns of both, clockwise.
export function turned(frame, quarters) {
  const once = ([left, top, width, height]) => [1 - top - height, left, height, width];
  return Array.from({ length: quarters % 4 }).reduce(once, frame);
}

// Draws the part of a picture that a frame holds, turned by quarters, at most `longestSide` pixels long. The frame is in
// fractions of the turned picture. Its edges are put between pixels: nothing beside it is mixed in.
export function drawn(source, longestSide, { frame, quarters = 0 } = {}, canvas = document.createElement("canvas")) {
  const [x, y, width, height] = turned(frame ?? WHOLE, 4 - quarters);
  const [left, right] = [x, x + width].map((side) => Math.round(side * source.width));
  const [top, bottom] = [y, y + height].map((side) => Math.round(side * source.height));
  const [across, down] = [Math.max(1, right - left), Math.max(1, bottom - top)];
  const scale = Math.min(1, longestSide / Math.max(across, down));
  const size = [across, down].map((side) => Math.max(1, Math.round(side * scale)));
  [canvas.width, canvas.height] = quarters % 2 ? [size[1], size[0]] : size;
  const context = canvas.getContext("2d");
  // JPEG has no transparency; the server reads it as white too.
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((quarters * Math.PI) / 2);
  context.drawImage(source, left, top, across, down, -size[0] / 2, -size[1] / 2, ...size);
  return canvas;
}

export const read = (photo) => createImageBitmap(photo, { imageOrientation: "from-image" });

const asBlob = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));

// A photo of a phone has 12 megapixels and tells where it was taken. What is sent has 1,024 pixels, upright, and nothing
// but pixels, and of a frame only what is inside. The preview is of the whole photo. What the browser cannot read (HEIC,
// no picture at all) goes as it is, without a preview: the server knows better.
export async function prepare(photo, { frame = null, quarters = 0 } = {}) {
  try {
    const bitmap = await read(photo);
    const blob = await asBlob(drawn(bitmap, LONGEST_SIDE, { frame, quarters }));
    const small = drawn(bitmap, PREVIEW_SIDE, { quarters });
    bitmap.close();
    const preview = { address: small.toDataURL("image/jpeg", 0.8), width: small.width, height: small.height };
    return { blob: blob ?? photo, preview };
  } catch {
    return { blob: photo, preview: null };
  }
}

// XMLHttpRequest, because fetch does not say how much of a body is sent, and when the wait for the answer begins.
// `told` is called with the share that is sent, 0 to 1.
export function send(body, { address, signal, told }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.upload.addEventListener("progress", ({ loaded, total }) => told(total ? loaded / total : 0));
    request.upload.addEventListener("load", () => told(1));
    request.addEventListener("load", () => {
      const waitSeconds = Number(request.getResponseHeader("Retry-After")) || 0;
      resolve({ status: request.status, text: request.responseText, waitSeconds });
    });
    request.addEventListener("error", () => reject(new TypeError("network")));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
