// esbuild gathers imported style sheets into dist/webview/ratings.css.
declare module '*.css';
