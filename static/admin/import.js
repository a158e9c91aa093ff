// The page of an import keeps itself true, and the form of one refuses a file that the server would.

const LOOK_EVERY_MS = 1000;

function tell(section, answer) {
  for (const [name, number] of Object.entries({ text: answer.text, ...answer.numbers })) {
    const place = section.querySelector(`[data-said="${name}"]`);
    if (place && place.textContent !== String(number)) place.textContent = number;
  }
  const bar = section.querySelector("#import-bar");
  if (bar && answer.percent) bar.value = answer.percent;
}

// What can be done is different now: the section is taken anew from the server, and whoever was in it stays there.
async function renew(section) {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const renewed = page.querySelector("#import");
  if (!renewed) return location.reload();
  const within = section.contains(document.activeElement);
  section.replaceWith(renewed);
  const said = renewed.querySelector("#import-said");
  if (within) said.focus();
  else document.querySelector("#import-announced").textContent = said.textContent;
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
      if (answer.mark !== section.dataset.mark) return await renew(section);
    } catch {
      section.querySelector('[data-said="text"]').textContent = section.dataset.lost;
    }
    setTimeout(look, LOOK_EVERY_MS);
  };
  setTimeout(look, LOOK_EVERY_MS);
}

document.addEventListener("click", (event) => {
  const question = event.target.closest("[data-confirm]")?.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

const form = document.querySelector("#import-form");
form?.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  const tooLarge = target.files[0]?.size > Number(form.dataset.maxBytes);
  target.setCustomValidity(tooLarge ? form.dataset.tooLarge : "");
  target.reportValidity();
});

const section = document.querySelector("#import");
if (section) watch(section);
