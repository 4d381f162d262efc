// What every page does. Each module attaches itself by data attributes and keeps working on content swapped in later.

import "./ago.js";
import "./autosubmit.js";
import "./copy.js";
import "./dialog.js";
import "./favicon.js";
import "./flash.js";
import "./forms.js";
import "./fresh-pictures.js";
import "./htmx-errors.js";
import "./menu.js";
import "./shortcuts.js";
