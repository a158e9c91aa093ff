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

// The control in a renewed section that does what `held` does, if there is one still.
function sameIn(section, held) {
  const sameAs = ({ tagName, name, value, href, textContent }) => tagName === held.tagName && name === held.name
    && value === held.value && href === held.href && textContent.trim() === held.textContent.trim();
  return [...section.querySelectorAll("a[href], button, summary, [tabindex='0']")].find(sameAs);
}

// What can be done is different now: the section is taken anew from the server. Whoever was in it stays where they were,
// or, if that is gone, at what the section says.
async function renew(section) {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const renewed = page.querySelector(WATCHED);
  if (!renewed) return location.reload();
  const held = section.contains(document.activeElement) ? document.activeElement : null;
  section.replaceWith(renewed);
  const said = renewed.querySelector('[data-said="text"]');
  const same = held && sameIn(renewed, held);
  if (held) (same ?? said)?.focus({ preventScroll: Boolean(same) });
  if (said && (!held || same)) document.querySelector("[data-announced]").textContent = said.textContent;
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
