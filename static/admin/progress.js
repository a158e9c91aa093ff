// The part of a page that shows how far a worker is keeps itself true.

const LOOK_EVERY_MS = 1000;
const WATCHED = "[data-progress]";

function tell(section, answer) {
  for (const [name, number] of Object.entries({ text: answer.text, ...answer.numbers })) {
    const place = section.querySelector(`[data-said="${name}"]`);
    if (place && place.textContent !== String(number)) place.textContent = number;
  }
  const bar = section.querySelector("progress");
  if (bar && answer.percent) bar.value = answer.percent;
}

// What can be done is different now: the section is taken anew from the server, and whoever was in it stays there.
async function renew(section) {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const renewed = page.querySelector(WATCHED);
  if (!renewed) return location.reload();
  const within = section.contains(document.activeElement);
  section.replaceWith(renewed);
  const said = renewed.querySelector('[data-said="text"]');
  if (within) said.focus();
  else document.querySelector("[data-announced]").textContent = said.textContent;
  watch(renewed);
}

function watch(section) {
  if (!("working" in section.dataset)) return;
  const look = async () => {
    try {
      const response = await fetch(section.dataset.progress, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(response.statusText);
      const answer = await response.json();
      tell(section, answer);
      if (answer.revision !== section.dataset.revision) return await renew(section);
    } catch {
      section.querySelector('[data-said="text"]').textContent = section.dataset.lost;
    }
    setTimeout(look, LOOK_EVERY_MS);
  };
  setTimeout(look, LOOK_EVERY_MS);
}

const section = document.querySelector(WATCHED);
if (section) watch(section);
