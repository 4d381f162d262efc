// What is told beside a picture is fetched once, and again after something about it changed.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { asked, forget } from "../../static/js/lightbox-details.js";

let fetched;
let answer;

globalThis.document = { createElement: () => ({ set innerHTML(text) { this.content = { firstElementChild: text || null }; } }) };
globalThis.location = { href: "https://likeness.test/gallery/", assign(address) { fetched.push(`went to ${address}`); } };
globalThis.fetch = async (address) => {
  fetched.push(address);
  return answer();
};

const said = (text, { ok = true, elsewhere = null } = {}) => ({ ok, headers: { get: () => elsewhere }, text: async () => text });
const link = (id) => ({ dataset: { id: String(id) }, href: `/pictures/${id}/` });

beforeEach(() => {
  fetched = [];
  answer = () => said("details");
});

test("the same picture is asked for once", async () => {
  assert.equal(await asked(link(1)), "details");
  assert.equal(await asked(link(1)), "details");
  assert.deepEqual(fetched, ["/pictures/1/"]);
});

test("one that changed is asked for again", async () => {
  await asked(link(2));
  forget(2);
  await asked(link(2));
  assert.equal(fetched.length, 2);
});

test("what could not be had is nothing, and is asked for the next time", async () => {
  answer = () => { throw new TypeError("no network"); };
  assert.equal(await asked(link(3)), null);
  answer = () => said("a page that says so", { ok: false });
  assert.equal(await asked(link(3)), null);
  answer = () => said("details");
  assert.equal(await asked(link(3)), "details");
});

test("whoever is signed out is led to sign in", async () => {
  answer = () => said("", { elsewhere: "/account/login/" });
  assert.equal(await asked(link(4)), null);
  assert.deepEqual(fetched, ["/pictures/4/", "went to /account/login/"]);
});

test("only so many are kept, the oldest go first", async () => {
  for (let id = 100; id < 161; id += 1) await asked(link(id));
  await asked(link(160));
  await asked(link(100));
  assert.equal(fetched.filter((address) => address === "/pictures/160/").length, 1);
  assert.equal(fetched.filter((address) => address === "/pictures/100/").length, 2);
});
