"""The run folder: Parquet tables, a manifest, and xarray as the view on them."""
