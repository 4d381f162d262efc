// Keeps "5 min ago" true: <time datetime="…" data-ago>. The words are those of the `ago` template tag.
// <time data-clock> is the `clock` tag's, in the zone of whoever looks.

const UNITS = [[60, "min", 60], [3600, "h", 24], [86400, "day", 7]];

function words(moment) {
  const seconds = Math.round((Date.now() - moment) / 1000);
  const distance = Math.abs(seconds);
  if (distance < 45) return seconds >= 0 ? "just now" : "in a moment";
  for (const [size, unit, limit] of UNITS) {
    const count = Math.round(distance / size);
    if (count >= limit) continue;
    const said = `${count} ${unit}${unit === "day" && count > 1 ? "s" : ""}`;
    return seconds >= 0 ? `${said} ago` : `in ${said}`;
  }
  const year = moment.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return moment.toLocaleDateString("en-GB", { day: "numeric", month: "long", year });
}

function refresh(root) {
  for (const time of root.querySelectorAll("time[data-ago]")) {
    const moment = new Date(time.dateTime);
    const said = words(moment);
    if (time.textContent !== said) time.textContent = said;
    time.title = moment.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
  }
}

function refreshClocks(root) {
  for (const time of root.querySelectorAll("time[data-clock]")) {
    const moment = new Date(time.dateTime);
    const isToday = moment.toDateString() === new Date().toDateString();
    const day = isToday ? "" : `${moment.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}, `;
    time.textContent = day + moment.toLocaleTimeString("en-GB", { timeStyle: isToday ? "medium" : "short" });
    time.title = moment.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "medium" });
  }
}

refresh(document);
refreshClocks(document);
document.addEventListener("htmx:load", ({ target }) => {
  refresh(target);
  refreshClocks(target);
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(document); });
setInterval(() => { if (!document.hidden) refresh(document); }, 20_000);
