"use strict";

// Swagger UI has a dark theme behind a class; the page follows the reader's system.
function followColorScheme() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", apply);
  apply();
}

function showInterface() {
  SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#interface",
    validatorUrl: null, // the badge would ask an outside service
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 3,
    // Keys are not kept: whoever uses this browser next has none.
    persistAuthorization: false,
  });
}

followColorScheme();
showInterface();
