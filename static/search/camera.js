// The camera in the page: what it sees, front or back, and its light. Where there is none, or none is allowed, the
// chooser's own camera stands in, which phones have.

export const canUse = () => Boolean(globalThis.isSecureContext && navigator.mediaDevices?.getUserMedia);

// Sets a <dialog> up. `take` gets each photo that is taken.
export function setUp(dialog, take) {
  const video = dialog.querySelector("video");
  const part = (name) => dialog.querySelector(`[data-camera=${name}]`);
  const [shutter, turn, light, refused] = ["shutter", "turn", "light", "refused"].map(part);
  let stream = null;
  let facing = "environment";

  function stop() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = video.srcObject = null;
  }

  async function start() {
    stop();
    shutter.disabled = true;
    refused.hidden = true;
    light.hidden = turn.hidden = true;
    light.setAttribute("aria-pressed", "false");
    try {
      const opened = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: facing }, width: { ideal: 1920 }, height: { ideal: 1920 } },
      });
      // Closed before the shopper had allowed it.
      if (!dialog.open) return opened.getTracks().forEach((track) => track.stop());
      stream = opened;
    } catch {
      refused.hidden = false;
      return refused.focus();
    }
    const [track] = stream.getVideoTracks();
    dialog.dataset.facing = track.getSettings?.().facingMode ?? "";
    video.srcObject = stream;
    await video.play();
    shutter.disabled = false;
    shutter.focus();
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    turn.hidden = cameras.length < 2;
    light.hidden = !track.getCapabilities?.().torch;
  }

  shutter.addEventListener("click", async () => {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const photo = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
    dialog.close();
    if (photo) take(photo);
  });
  turn.addEventListener("click", () => {
    facing = facing === "environment" ? "user" : "environment";
    start();
  });
  light.addEventListener("click", async () => {
    const on = light.getAttribute("aria-pressed") !== "true";
    try {
      await stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
      light.setAttribute("aria-pressed", String(on));
    } catch {
      light.hidden = true;
    }
  });
  part("close").addEventListener("click", () => dialog.close());
  part("chooser").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);
  // A page that is put away lets go of the camera.
  document.addEventListener("visibilitychange", () => document.hidden && dialog.close());

  return () => {
    dialog.showModal();
    start();
  };
}
