export { engineAnswers, pullImages } from './engine.ts';
export { containerHabitat } from './habitat.ts';
export { containerRecipe } from './images.ts';
