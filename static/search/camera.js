// The camera in the page: what it sees, front or back, and its light. Where there is none, or none is allowed, the
// chooser's own camera stands in, which phones have.

import { isDisabled, keepFocus, setDisabled } from "../js/focus.js";

export const canUse = () => Boolean(globalThis.isSecureContext && navigator.mediaDevices?.getUserMedia);

// Sets a <dialog> up. `take` gets each photo that is taken, `choose` opens the chooser instead.
export function setUp(dialog, { take, choose }) {
  const video = dialog.querySelector("video");
  const part = (name) => dialog.querySelector(`[data-camera=${name}]`);
  const [shutter, turn, light, refused] = ["shutter", "turn", "light", "refused"].map(part);
  let stream = null;
  let facing = "environment";
  // The number of the last start: what an earlier one was still waiting for is not wanted any more.
  let latest = 0;

  function stop() {
    latest += 1;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = video.srcObject = null;
  }

  const hide = (button, hidden) => keepFocus(() => (button.hidden = hidden), () => shutter);

  async function start() {
    stop();
    const started = latest;
    setDisabled(shutter, true);
    setDisabled(turn, true);
    refused.hidden = true;
    hide(light, true);
    light.setAttribute("aria-pressed", "false");
    try {
      const opened = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: facing }, width: { ideal: 1920 }, height: { ideal: 1920 } },
      });
      // Closed before the shopper had allowed it.
      if (latest !== started) return opened.getTracks().forEach((track) => track.stop());
      stream = opened;
      const [track] = stream.getVideoTracks();
      dialog.dataset.facing = track.getSettings?.().facingMode ?? "";
      video.srcObject = stream;
      await video.play();
    } catch {
      if (latest !== started) return;
      setDisabled(turn, false);
      refused.hidden = false;
      return refused.focus();
    }
    if (latest !== started) return;
    setDisabled(shutter, false);
    setDisabled(turn, false);
    // Whoever changes cameras may want to change back.
    if (document.activeElement !== turn) shutter.focus();
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    if (latest !== started) return;
    hide(turn, cameras.length < 2);
    light.hidden = !stream.getVideoTracks()[0].getCapabilities?.().torch;
  }

  shutter.addEventListener("click", async () => {
    if (isDisabled(shutter)) return;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    // Closed first: a picture is encoded when the browser has nothing else to do, and a camera gives it much to do.
    dialog.close();
    const photo = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
    if (photo) take(photo);
  });
  turn.addEventListener("click", () => {
    if (isDisabled(turn)) return;
    facing = facing === "environment" ? "user" : "environment";
    start();
  });
  light.addEventListener("click", async () => {
    const on = light.getAttribute("aria-pressed") !== "true";
    const track = stream?.getVideoTracks()[0];
    try {
      await track.applyConstraints({ advanced: [{ torch: on }] });
      light.setAttribute("aria-pressed", String(on));
    } catch {
      hide(light, true);
    }
  });
  part("close").addEventListener("click", () => dialog.close());
  part("chooser").addEventListener("click", () => {
    dialog.close();
    choose();
  });
  dialog.addEventListener("close", stop);
  // A page that is put away lets go of the camera.
  document.addEventListener("visibilitychange", () => document.hidden && dialog.close());

  return () => {
    dialog.showModal();
    start();
  };
}
