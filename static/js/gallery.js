// The photos of an article: thumbnails and arrow keys scroll to a photo, and the thumbnail of the one seen is marked.
// Without this module the photos scroll sideways, and thumbnails are plain links to them.

function equip(gallery) {
  const views = gallery.querySelector(".gallery-views");
  const links = [...gallery.querySelectorAll(".gallery-thumbs a")];
  if (!views || links.length === 0) return;
  const items = [...views.children];
  const behaviour = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  let seen = 0;
  // The photo that is being scrolled to: those passed on the way are not marked, and the next key counts from it.
  let target = null;

  const show = (number) => {
    const wanted = Math.max(0, Math.min(items.length - 1, number));
    if (wanted !== seen) target = wanted;
    mark(wanted);
    views.scrollTo({ left: items[wanted].offsetLeft - views.offsetLeft, behavior: behaviour });
    return wanted;
  };
  const mark = (number) => {
    seen = number;
    links.forEach((link, at) => {
      if (at === number) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };

  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const number = items.indexOf(entry.target);
        if (!entry.isIntersecting || (target !== null && target !== number)) continue;
        target = null;
        mark(number);
      }
    },
    { root: views, threshold: 0.6 },
  );
  items.forEach((item) => observer.observe(item));
  // It ends there, or where whoever scrolls by hand on the way likes.
  for (const type of ["pointerdown", "wheel", "touchstart", "scrollend"]) {
    views.addEventListener(type, () => (target = null), { passive: true });
  }

  links.forEach((link, at) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(at);
    });
  });
  gallery.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || event.target.closest("dialog") || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const held = document.activeElement;
    const shown = show(seen + step);
    // A photo that was scrolled away would be the one that Enter enlarges.
    if (links.includes(held)) links[shown].focus();
    else if (views.contains(held)) items[shown].querySelector("a")?.focus({ preventScroll: true });
  });
}

document.querySelectorAll("[data-gallery]").forEach(equip);
