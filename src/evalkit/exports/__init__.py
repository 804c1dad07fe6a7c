"""The report without a server: a page, a spreadsheet, a document and a summary from one bundle."""
