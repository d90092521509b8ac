// Shows live which stand-ins ran and what the banner says of the visitor's choice.
const list = document.querySelector("dl");

// A stand-in that is allowed from the start may have run before this script.
function mark() {
  for (const cell of document.querySelectorAll("[data-tracker]")) {
    if (!document.documentElement.classList.contains(`ran-${cell.dataset.tracker}`)) continue;
    cell.textContent = list.dataset.ran;
    cell.classList.add("ran");
  }
}

document.addEventListener("demo:ran", mark);
mark();

function show(choices) {
  const { answer, recorded } = choices.current;
  if (answer !== "none") document.querySelector("[data-record]").textContent = `${answer}, ${recorded}`;
}

(window.visitorChoices = window.visitorChoices || []).push((choices) => {
  show(choices);
  for (const name of ["change", "recorded", "unrecorded"]) {
    document.addEventListener(`visitorchoices:${name}`, () => show(choices));
  }
});
