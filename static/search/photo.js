// A shopper's photo: read, turned upright and made small in the browser, and sent.

const LONGEST_SIDE = 1024;
const PREVIEW_SIDE = 480;
const QUALITY = 0.9;

// The part of a picture that a frame holds, in fractions of it, at most `longestSide` pixels long.
function drawn(source, longestSide, frame) {
  const [left, top, width, height] = frame ?? [0, 0, 1, 1];
  const [across, down] = [source.width * width, source.height * height];
  const scale = Math.min(1, longestSide / Math.max(across, down));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(across * scale));
  canvas.height = Math.max(1, Math.round(down * scale));
  const context = canvas.getContext("2d");
  // JPEG has no transparency; the server reads it as white too.
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(
    source, source.width * left, source.height * top, across, down, 0, 0, canvas.width, canvas.height,
  );
  return canvas;
}

const asBlob = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));

// A photo of a phone has 12 megapixels and tells where it was taken. What is sent has 1,024 pixels, upright, and nothing
// but pixels, and of a frame only what is inside. What the browser cannot read (HEIC, no picture at all) goes as it is,
// without a preview: the server knows better.
export async function prepare(photo, frame) {
  try {
    const bitmap = await createImageBitmap(photo, { imageOrientation: "from-image" });
    const blob = await asBlob(drawn(bitmap, LONGEST_SIDE, frame));
    const preview = frame ? "" : drawn(bitmap, PREVIEW_SIDE).toDataURL("image/jpeg", 0.8);
    bitmap.close();
    return { blob: blob ?? photo, preview };
  } catch {
    return { blob: photo, preview: "" };
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

// "84 kB", as the page's language writes it.
export function size(bytes) {
  const [number, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit, maximumFractionDigits: number < 10 ? 1 : 0,
  }).format(number);
}
