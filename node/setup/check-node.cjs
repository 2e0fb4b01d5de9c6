// Says in one sentence what to do where Node is too old to read this program. npm runs it before its scripts, with
// whatever Node there is: hence CommonJS, and a syntax that Node 12 knows.
const oldest = 24;

if (Number(process.versions.node.split('.')[0]) < oldest) {
  console.error(
    `DICOM Network needs Node ${oldest} or newer and this is ${process.versions.node}: run npm ci, which brings it for ` +
      'Linux, Windows and Intel Macs, or install it from https://nodejs.org and run the same again.',
  );
  process.exit(1);
}
