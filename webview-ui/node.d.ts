// The panel itself has no Node types; its tests and the preview beside it run under Node.
/// <reference types="node" />
