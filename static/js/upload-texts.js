// Captions as other programs keep them: IMG_1.txt beside IMG_1.jpg. The text goes up with its photo.

const LONGEST = 16 * 1024; // bytes: a longer text is no caption (jobs/files/sidecars.py), and must not go along with each part of a photo

const isText = (file) => /\.txt$/i.test(file.name);

// Two folders may have photos of the same name, so the folder counts. Only a drop knows it for each file.
const place = (file) => (file.place || file.webkitRelativePath || file.name).replace(/\.[^./]*$/, "").normalize("NFC").toLowerCase();

/** The *files* less those that only accompany a photo among them: the video of a Live Photo, and what an iPhone notes of changes. */
export function withoutCompanions(files) {
  const stills = new Set(files.filter((file) => !/\.(mov|aae|txt)$/i.test(file.name)).map(place));
  return files.filter((file) => !/\.aae$/i.test(file.name) && !(/\.mov$/i.test(file.name) && stills.has(place(file))));
}

/** The *files* less the texts that stand beside photos of theirs, as [file, text] pairs. */
export function paired(files) {
  const texts = new Map(files.filter((file) => isText(file) && file.size <= LONGEST).map((file) => [place(file), file]));
  const photos = files.filter((file) => !isText(file));
  const taken = new Set(photos.map((photo) => texts.get(place(photo))));
  return [...photos.map((photo) => [photo, texts.get(place(photo))]), ...files.filter((file) => isText(file) && !taken.has(file)).map((text) => [text])];
}
