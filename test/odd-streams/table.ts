import type { Entry } from "./entry.js";
import { BOXES_TABLE } from "./table-boxes.js";
import { MIXED } from "./table-mixed.js";
import { REFERENCES } from "./table-references.js";
import { CHANGING_SETS } from "./table-sets.js";
import { SETS } from "./table-sizes.js";
import { TIMES } from "./table-times.js";
import { UNITS } from "./table-units.js";

/** All odd streams, by the finding that they are of. */
export const TABLE: readonly Entry[] = [...TIMES, ...UNITS, ...REFERENCES, ...SETS, ...CHANGING_SETS, ...BOXES_TABLE, ...MIXED];
