// Imported before everything else where the program's words are written down: the manual is in English on every machine.
process.env.LC_ALL = 'C';
