"""The network as WebAssembly: the board's C, compiled for a browser, and the files of it that come with the package."""
