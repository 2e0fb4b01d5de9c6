// What we use of WebAssembly: it is typed in TypeScript's DOM library, which a server has no other use for.
declare namespace WebAssembly {
  class Module {
    private readonly module: true;
  }
  class Memory {
    /** `initial`: pages of 64 KiB. */
    constructor(size: { initial: number });
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
