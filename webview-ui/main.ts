/** Entry of the rating panel: defines its elements and starts it with the host's strings. */
import './styles/ratings.css';
import type { PanelStrings } from '../src/protocol/webview.ts';
import { Panel } from './app.ts';
import { DiffView } from './elements/diffView.ts';
import { ScoreSlider } from './elements/scoreSlider.ts';
import { connectHost } from './host.ts';
import { translator } from './strings.ts';

customElements.define('attune-diff', DiffView);
customElements.define('attune-score', ScoreSlider);
customElements.define('attune-panel', Panel);

const panel = new Panel();
panel.host = connectHost();
panel.t = translator(JSON.parse(document.getElementById('strings')?.textContent || '{}') as PanelStrings);
panel.locale = document.documentElement.lang || 'en';
document.body.append(panel);
