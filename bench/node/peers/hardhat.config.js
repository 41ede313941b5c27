/** Hardhat only runs within a project: this folder is one. Its defaults are measured. */
export default {}
