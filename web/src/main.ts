import { mount } from 'svelte';
import './screen/screen.css';
import App from './screen/App.svelte';
import { askSetup, unknownSetup } from './live/server';

const setup = await askSetup().catch(unknownSetup);
mount(App, { target: document.getElementById('screen') as HTMLElement, props: { setup } });
