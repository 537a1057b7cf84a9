// A closed attempt leaves nothing on the device.
import { keep } from "../lib/kept.js";

export default function forget(element) {
  keep(`flags:${element.dataset.code}`, null);
  keep(`unsent:${element.dataset.code}`, null);
}
