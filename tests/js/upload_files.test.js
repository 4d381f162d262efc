// What is taken of what was dropped or chosen: no hidden files, folders opened, captions beside their photos.
import assert from "node:assert/strict";
import { test } from "node:test";
import { filesDropped, isMeant } from "../../static/js/upload-drop.js";
import { paired } from "../../static/js/upload-texts.js";

const file = (name, size = 10, place = undefined) => ({ name, size, place });
const named = (pairs) => pairs.map(([photo, text]) => (text ? `${photo.name}+${text.name}` : photo.name));

const entryOf = (name, fullPath = `/${name}`) => ({ isFile: true, fullPath, file: (resolve) => resolve(file(name)) });

function folderOf(...entries) {
  const portions = [entries.slice(0, 2), entries.slice(2), []];
  return { isFile: false, createReader: () => ({ readEntries: (resolve) => resolve(portions.shift() ?? []) }) };
}

const drop = (...entries) => ({ items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files: [] });

test("what systems leave in folders is not meant", () => {
  const names = ["Rex.jpg", ".DS_Store", "._Rex.jpg", "Thumbs.db", "desktop.ini", "thumbs.db.jpg"];

  assert.deepEqual(names.filter((name) => isMeant({ name })), ["Rex.jpg", "thumbs.db.jpg"]);
});

test("folders in folders are opened, in all their portions", async () => {
  const inside = folderOf(entryOf("c.jpg", "/a/inside/c.jpg"));
  const found = await filesDropped(drop(folderOf(entryOf("1.jpg"), entryOf(".hidden"), entryOf("2.jpg"), inside), entryOf("3.jpg")));

  assert.deepEqual(found.map(({ name }) => name), ["1.jpg", "2.jpg", "c.jpg", "3.jpg"]);
  assert.equal(found[2].place, "/a/inside/c.jpg");
});

test("what cannot be read is left out", async () => {
  const gone = { isFile: true, fullPath: "/x", file: (_, reject) => reject(new Error("gone")) };
  const closed = { isFile: false, createReader: () => ({ readEntries: (_, reject) => reject(new Error("closed")) }) };

  assert.deepEqual((await filesDropped(drop(gone, closed, entryOf("a.jpg")))).map(({ name }) => name), ["a.jpg"]);
});

test("a browser that knows no entries gives its files", async () => {
  assert.deepEqual(await filesDropped({ items: [{}], files: [file("a.jpg"), file(".b")] }), [file("a.jpg")]);
});

test("a text goes with the photo of its name, whatever the case", () => {
  assert.deepEqual(named(paired([file("IMG_1.JPG"), file("img_1.txt"), file("b.jpg")])), ["IMG_1.JPG+img_1.txt", "b.jpg"]);
});

test("photos of the same name in two folders keep their own texts", () => {
  const files = [file("1.jpg", 9, "/a/1.jpg"), file("1.jpg", 9, "/b/1.jpg"), file("1.txt", 9, "/b/1.txt")];

  assert.deepEqual(paired(files).map(([, text]) => text?.place), [undefined, "/b/1.txt"]);
});

test("a text without a photo, and one too long to be a caption, go up by themselves", () => {
  assert.deepEqual(named(paired([file("a.jpg"), file("a.txt", 16 * 1024 + 1), file("notes.txt")])), ["a.jpg", "a.txt", "notes.txt"]);
});
