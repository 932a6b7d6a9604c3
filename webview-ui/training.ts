/** Entry of the training view: defines its elements and starts it with the host's strings. */
import './styles/training.css';
import type { PanelStrings } from '../src/protocol/webview.ts';
import { connectHost } from './host.ts';
import { Training } from './training/app.ts';
import { Chart } from './training/charts/chart.ts';
import { trainingTranslator } from './training/strings.ts';

customElements.define('attune-chart', Chart);
customElements.define('attune-training', Training);

const training = new Training();
training.host = connectHost();
training.t = trainingTranslator(JSON.parse(document.getElementById('strings')?.textContent || '{}') as PanelStrings);
training.locale = document.documentElement.lang || 'en';
document.body.append(training);
