/**
 * The beginning of a file of contacts, read in the browser before it is sent: what its columns are taken as. The rules are the
 * importer's; a test holds them against it.
 */

/** How much of a file is looked at. */
export const HEAD_BYTES = 65_536;
const ROWS = 3;
const MOST_COLUMNS = 100;
const MOST_NAME_CHARACTERS = 100;
const NUMBER_COLUMNS = ["phone_number", "phone", "number", "telephone", "tel", "mobile", "to"];
const ZONE_COLUMNS = ["time_zone", "timezone", "zone", "tz"];
const DELIMITERS = [",", ";", "\t"];

/** What those begin with that are called .csv and are none. */
const OTHER_FILES = [
  { begins: [0x50, 0x4b, 3, 4], what: "an Excel workbook, or a ZIP archive" },
  { begins: [0x1f, 0x8b], what: "packed with gzip" },
  { begins: [0xd0, 0xcf, 0x11, 0xe0], what: "an old Excel workbook" },
  { begins: [0x25, 0x50, 0x44, 0x46], what: "a PDF" },
  { begins: [0xff, 0xfe], what: "in UTF-16" },
  { begins: [0xfe, 0xff], what: "in UTF-16" },
];

/**
 * @typedef {object} Heading
 * @property {string} fault why the file can't be read, empty where it can
 * @property {string[]} columns their names, as they are written
 * @property {number} number which of them holds the numbers, -1 where that is not known
 * @property {number} zone which of them holds the time zones, -1 where none does
 * @property {string[][]} rows the first rows, each with a text for each column
 */

/**
 * Read the beginning of a file.
 * @param {Uint8Array} bytes its first `HEAD_BYTES`, or all of it
 * @returns {Heading}
 */
export function headingOf(bytes) {
  const other = OTHER_FILES.find(({ begins }) => begins.every((byte, index) => bytes[index] === byte));
  if (other) return faulty(`This file is ${other.what}, and no CSV in UTF-8: save it as CSV, and take that.`);
  const text = textOf(bytes);
  const newline = text.includes("\r") && !text.includes("\n") ? "\r" : "\n";
  const [first] = text.split(newline, 1);
  const delimiter = DELIMITERS.reduce((best, each) => (count(first, each) > count(first, best) ? each : best));
  // The names stand in one line, whatever quotes say.
  const [names = [""]] = rowsOf(first, delimiter, newline, 1);
  const columns = names.map((name) => name.trim());
  const fault = faultOf(columns);
  if (fault) return faulty(fault);
  const full = rowsOf(text.slice(first.length + 1), delimiter, newline, ROWS).map((row) => columns.map((_, index) => (row[index] ?? "").trim()));
  return { fault: "", columns, number: columnOf(columns, NUMBER_COLUMNS), zone: columnOf(columns, ZONE_COLUMNS), rows: full };
}

/** Say what a column becomes. */
export function useOf(name, index, { number, zone }) {
  if (index === number) return "the number that is called";
  if (index === zone) return "the time zone";
  return name ? `told to the agent, as {{${name}}}` : "left out: it has no name";
}

const faulty = (fault) => ({ fault, columns: [], number: -1, zone: -1, rows: [] });

function faultOf(columns) {
  if (columns.length > MOST_COLUMNS) return `The first row has ${columns.length} columns, and a contact has ${MOST_COLUMNS} at most: leave out what the agent need not know.`;
  if (columns.some((name) => name.length > MOST_NAME_CHARACTERS)) return `The name of a column has ${MOST_NAME_CHARACTERS} characters at most: is the first row that of the names?`;
  const named = columns.filter(Boolean);
  if (!named.length) return "The first row names no columns: add such a row, in which one is called phone_number.";
  return new Set(named).size < named.length ? "Two columns have the same name: give each its own." : "";
}

function columnOf(columns, usual) {
  const plain = columns.map((name) => name.toLowerCase().replace(/[\s_-]+/g, "_"));
  return usual.map((name) => plain.indexOf(name)).find((index) => index >= 0) ?? -1;
}

/** Decode UTF-8, or else the Latin-1 of Windows; a character that the end of the bytes cuts is left out. */
function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

const count = (text, part) => text.split(part).length - 1;

/** Return the first rows of a CSV text that are not empty; a quote at the beginning of a field holds separators and ends of lines. */
function rowsOf(text, delimiter, newline, most) {
  const rows = [];
  let row = [];
  let field = "";
  let isQuoted = false;
  const endRow = () => {
    row.push(field);
    if (row.some((each) => each.trim())) rows.push(row);
    [row, field] = [[], ""];
  };
  for (let at = 0; at < text.length && rows.length < most; at += 1) {
    const sign = text[at];
    if (isQuoted && sign === '"' && text[at + 1] === '"') {
      field += '"';
      at += 1;
    } else if (sign === '"' && (isQuoted || field === "")) isQuoted = !isQuoted;
    else if (isQuoted) field += sign;
    else if (sign === delimiter) {
      row.push(field);
      field = "";
    } else if (sign === newline) endRow();
    else field += sign;
  }
  if (rows.length < most && (row.length || field)) endRow();
  return rows;
}
