// The photos of an article: thumbnails and arrow keys scroll to a photo, and the thumbnail of the one seen is marked.
// Without this module the photos scroll sideways, and thumbnails are plain links to them.

function equip(gallery) {
  const views = gallery.querySelector(".gallery-views");
  const links = [...gallery.querySelectorAll(".gallery-thumbs a")];
  if (!views || links.length === 0) return;
  const items = [...views.children];
  const behaviour = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  let seen = 0;

  const show = (number) => {
    const wanted = Math.max(0, Math.min(items.length - 1, number));
    views.scrollTo({ left: items[wanted].offsetLeft - views.offsetLeft, behavior: behaviour });
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
      for (const entry of entries) if (entry.isIntersecting) mark(items.indexOf(entry.target));
    },
    { root: views, threshold: 0.6 },
  );
  items.forEach((item) => observer.observe(item));

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
    show(seen + step);
    if (links.includes(document.activeElement)) links[Math.max(0, Math.min(links.length - 1, seen + step))].focus();
  });
}

document.querySelectorAll("[data-gallery]").forEach(equip);
