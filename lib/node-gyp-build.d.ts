declare module 'node-gyp-build' {
  /** Loads the prebuilt or built addon of the package in folder `root`. */
  function load(root: string): unknown;
  export = load;
}
