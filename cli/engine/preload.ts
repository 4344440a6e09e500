process.on("exit", () => {});

export {};
