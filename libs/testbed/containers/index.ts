export { engineAnswers, pullImages } from './engine.ts';
export { containerRunner } from './runner.ts';
export { containerRecipe } from './images.ts';
